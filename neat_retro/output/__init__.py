"""What a person looks at: progress, tables, videos, movies and windows."""
