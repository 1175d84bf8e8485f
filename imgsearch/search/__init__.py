"""One query, one gallery, one method: ranked matches."""
