"""Widgets: one small file each."""
