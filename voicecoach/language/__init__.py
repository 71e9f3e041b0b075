"""Language packs: the words a person can say, the coach's own sentences, and which voice and models serve them."""
