"""How alembic runs a revision: on the connection that `bot.store.migrate` passes to it."""

from alembic import context

from bot.store.models.registry import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    render_as_batch=context.config.attributes.get("batch", True),
    compare_type=True,
    compare_server_default=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
