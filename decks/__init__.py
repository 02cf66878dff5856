"""What is asked: cards and drills as text, how they are read, and the drills' generators."""
