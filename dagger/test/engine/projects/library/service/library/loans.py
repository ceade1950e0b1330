def days_left(day: int, term: int = 28) -> int:
    """Days until a book is due, none when it is late."""
    return max(0, term - day)
