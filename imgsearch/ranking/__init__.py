"""Vectors become the k nearest."""
