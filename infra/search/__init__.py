"""The search stage: the OpenSearch domain and what is set up inside it."""
