"""The same test cases asked of the vendor's mock and of dwf_sim, and the table of what they say."""
