/**
 * Functions are named and not referred to: their environment holds the addresses of the APIs, so a reference from an API
 * to a function would close a circle that CloudFormation refuses.
 */
export const arnOf = (name: string) => ({
  'Fn::Sub': `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${name}`,
});

/** Where API Gateway invokes a function. */
export const invocationOf = (name: string) => ({
  'Fn::Sub': [
    'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${FunctionArn}/invocations',
    { FunctionArn: arnOf(name) },
  ],
});

export const throttle = (perSecond: number) => ({
  DetailedMetricsEnabled: true,
  ThrottlingRateLimit: perSecond,
  ThrottlingBurstLimit: perSecond * 2,
});
