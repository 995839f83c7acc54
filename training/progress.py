"""A line of progress: how far, how fast, how long still."""
import sys
import time


class Progress:
    def __init__(self, what, total, done=0, every=5.0):
        self.what, self.total, self.done, self.every = what, total, done, every
        self.first = done
        self.started = self.shown = time.monotonic()

    def step(self, count=1, note=""):
        self.done += count
        now = time.monotonic()
        if now - self.shown < self.every and self.done < self.total:
            return
        self.shown = now
        rate = (self.done - self.first) / max(now - self.started, 1e-9)
        left = (self.total - self.done) / max(rate, 1e-9)
        print(f"{self.what}: {self.done}/{self.total}, {rate:.0f}/s, {left / 60:.1f} min left {note}", file=sys.stderr,
              flush=True)
