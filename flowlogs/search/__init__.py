"""The search side of a deployment: how documents are mapped, who may write them, in which order that is set up."""
