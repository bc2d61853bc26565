"""`benchmark db`: the tables of DATABASE_URL."""

import typer


def declare(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="The database of the service (DATABASE_URL).")
    group.command()(upgrade)
    group.command()(version)
    app.add_typer(group, name="db")


def upgrade() -> None:
    """Bring the tables up to date. Safe to repeat, and while the service runs."""
    from cli.migrations import bring_up_to_date

    bring_up_to_date()


def version() -> None:
    """Tell which version the tables have, and which this program wants."""
    from cli.migrations import tell_version

    tell_version()
