"""What a genome is and how it varies: the same for every algorithm."""
