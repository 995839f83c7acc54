"""Random numbers for batches of pictures, one seed for all of them."""
import random

import torch


class Chance:
    def __init__(self, seed, device="cpu"):
        self.device = torch.device(device)
        self.generator = torch.Generator(self.device).manual_seed(seed)
        self.numbers = random.Random(seed)

    def normal(self, *shape):
        return torch.randn(shape, generator=self.generator, device=self.device)

    def uniform(self, low, high, count, channels=1):
        """count x channels x 1 x 1, one for each picture."""
        drawn = torch.rand((count, channels, 1, 1), generator=self.generator, device=self.device)
        return low + (high - low) * drawn

    def often(self, share, count):
        """count x 1 x 1 x 1 booleans, of which this share is true in the mean."""
        return self.uniform(0, 1, count) < share

    def choose(self, share, count):
        """The numbers of the pictures for which something happens."""
        return self.often(share, count).flatten().nonzero()[:, 0]

    def integers(self, bound, *shape):
        return torch.randint(bound, shape, generator=self.generator, device=self.device)

    def number(self, low, high):
        """One number, the same for a whole group of pictures."""
        return self.numbers.uniform(low, high)
