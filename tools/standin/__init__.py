"""Small audio transformers with random weights: built, exported as the hub's files are, and looked into with PyTorch."""
