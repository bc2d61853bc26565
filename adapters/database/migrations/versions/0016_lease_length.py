"""How long a lease was given for: one that seems to last longer is from before the database's clock was set back."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    # Workers of the release before renew beside those of this one while it is rolled out, with what was their default.
    op.add_column("owners", sa.Column("leased_s", sa.Double(), server_default="8", nullable=False))
