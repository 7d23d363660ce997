"""What is printed before an event, as PDF: sheets for the doors, and cards that send people to their break-outs."""
