"""The shared board, as the settings name it."""

from exporters.boards.redis_board import RedisBoard
from streams.settings import Settings, SettingsError, place_of


def redis_board(settings: Settings, installation: str = "") -> RedisBoard:
    """Returns the board; it connects on first use.

    Args:
        settings: Where it is.
        installation: Whose claims are made; empty for a reader.

    Raises:
        SettingsError: If the address is none.
    """
    try:
        return RedisBoard(settings.redis.get_secret_value(), settings.redis_prefix, installation)
    except ValueError as error:
        raise SettingsError(f"{place_of(settings, 'redis')}: {error}") from error
