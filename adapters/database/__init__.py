"""PostgreSQL: tables, repositories and migrations. Nobody outside this package sees a table."""
