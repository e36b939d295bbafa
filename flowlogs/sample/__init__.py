"""What a sample of flow logs says of those of a month: how many, how large, what they become."""
