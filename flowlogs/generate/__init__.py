"""Makes a seeded VPC and its flow logs: for trying, testing and measuring without an AWS account.

vpc             build() gives the network: subnets, interfaces, security groups
  roles, security_groups, subnet, interface, addressing   what it is built from
  describe, describe_groups   the same as `aws ec2 describe-…` prints it
internet        the public networks it talks to: invented places, invented autonomous systems
geoip           write() puts those into a City and an ASN database
plan            how much traffic, when, in which aggregation interval
traffic         records() gives the flow records, in the order of their aggregation intervals
  conversation, scenarios, office, incidents, unused   who talks to whom, and what was planted to be found
malformed       lines that no log format reads
carriers        log files as S3 has them, events as CloudWatch Logs sends them
dataset         write() makes a folder of all of it, with the truth about it
samples         the small files in events/ of the repository
"""
