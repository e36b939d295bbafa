"""What puts flowlogs into an AWS account: one construct a stage."""
