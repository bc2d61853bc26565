"""`benchmark datasets`: questions stored once, by name and version."""

from pathlib import Path
from typing import Annotated

import typer

from cli import completion
from cli.commands.options import Api, Json, Limit


def declare(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Datasets stored by name.")
    group.command("list")(list_)
    group.command()(upload)
    group.command()(show)
    group.command()(kinds)
    app.add_typer(group, name="datasets")


def list_(limit: Limit = 100, api: Api = None, as_json: Json = False) -> None:
    """List the stored datasets."""
    from cli.datasets import list_datasets

    list_datasets(api, limit=limit, as_json=as_json)


def upload(
    file: Annotated[Path, typer.Argument(help="JSONL, JSON, CSV, TSV or Parquet.", exists=True, dir_okay=False)],
    name: Annotated[str | None, typer.Option(help="Default: the file's name without its ending.")] = None,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Store a dataset; the same content again is the same version."""
    from cli.datasets import upload_dataset

    upload_dataset(api, file, name=name, as_json=as_json)


def show(
    dataset: Annotated[str, typer.Argument(help="A dataset's name or id.", autocompletion=completion.stored_datasets)],
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Show a dataset: its versions, fields and size."""
    from cli.datasets import show_dataset

    show_dataset(api, dataset, as_json=as_json)


def kinds(as_json: Json = False) -> None:
    """List where cases may come from: the kinds of sources installed here, with their settings."""
    from cli.catalogue import list_kinds

    list_kinds("datasets", as_json=as_json)
