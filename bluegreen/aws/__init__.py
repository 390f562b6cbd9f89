"""AWS's side of a pair: actions become calls, answers become a fleet; boto3 is imported when first needed."""
