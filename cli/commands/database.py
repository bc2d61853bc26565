"""`benchmark db`: the tables of DATABASE_URL."""

from typing import Annotated

import typer


def declare(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="The database of the service (DATABASE_URL).")
    group.command()(upgrade)
    group.command()(version)
    group.command()(forget)
    app.add_typer(group, name="db")


def upgrade() -> None:
    """Bring the tables up to date. Safe to repeat, and while the service runs."""
    from cli.migrations import bring_up_to_date

    bring_up_to_date()


def version() -> None:
    """Tell which version the tables have, and which this program wants."""
    from cli.migrations import tell_version

    tell_version()


def forget(
    older_than: Annotated[int, typer.Option(min=1, metavar="DAYS", help="Runs that ended more days ago.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell which.")] = False,
) -> None:
    """Remove old runs for good: questions, answers, scores and calls. Safe while the service runs."""
    from cli.forgetting import forget_runs

    forget_runs(days=older_than, dry_run=dry_run)
