"""Answers questions about the book Physical AI & Humanoid Robotics."""

__version__ = "1.0.0"
