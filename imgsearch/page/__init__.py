"""The page: what a visitor sees, piece by piece; the only modules that know Streamlit."""
