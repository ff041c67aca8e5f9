"""Simulated seconds for code that waits by a timer."""

import asyncio


class Stopwatch:
    """Simulated seconds: `await watch(5)` ends when `forward` has passed them."""

    def __init__(self) -> None:
        self.now = 0.0
        self._stopped = False
        self._waiting: list[tuple[float, asyncio.Future[None]]] = []

    async def __call__(self, seconds: float) -> None:
        """Waits so long."""
        if self._stopped:
            return
        done = asyncio.get_running_loop().create_future()
        entry = (self.now + seconds, done)
        self._waiting.append(entry)
        try:
            await done
        finally:
            self._waiting.remove(entry)

    def stop(self) -> None:
        """Ends all waits, those to come too."""
        self._stopped = True
        self.forward(float("inf"))

    def waits(self) -> list[float]:
        """The seconds that are left for each who waits."""
        return [at - self.now for at, done in self._waiting if not done.done()]

    def forward(self, seconds: float) -> None:
        """Lets time pass; who waited so long goes on with the loop's next round."""
        self.now += seconds
        for at, done in self._waiting:
            if at <= self.now and not done.done():
                done.set_result(None)
