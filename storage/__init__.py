"""SQLite: migrations, transactions, one module per aggregate. The only place with SQL."""
