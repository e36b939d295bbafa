"""What puts flowlogs into an AWS account: the CDK app's stack and its stages, in the order a record travels them.

settings/            what can be chosen, checked before anything is built
stack.py             the stack, put together of
  sources.py         source/     flow logs, the log group or bucket they write into
  ingest.py                      the function that forwards lines
  streams.py         deliver/    the delivery streams
    decorate.py                  their transformations
    search/                      the OpenSearch domain, set up before the first document
    lake.py                      the table of the lake
  watched.py         watch/      alarms, dashboard, saved queries
  outputs.py, notes.py           what is said after a deployment, and at synth
function.py, permissions.py, bucket.py, environment.py: what several stages are made of
bundle/              the functions' code for Lambda
docs/                the pages of docs/ that are written from here
"""
