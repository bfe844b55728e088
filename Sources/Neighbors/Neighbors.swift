// Neighbors
