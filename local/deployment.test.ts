import { readDefinitions } from './definitions.ts';
import { Deployment } from './deployment.ts';

const deployment = new Deployment(readDefinitions());

describe('the deployment on one machine', () => {
  it('fills in variables, in the type they have', () => {
    expect(
      deployment.evaluate({ name: '${self:service}-${sls:stage}', seconds: '${self:custom.timings.visibility}' }),
    ).toEqual({
      name: 'parley-local',
      seconds: 8,
    });
  });

  it('follows references to what is there', () => {
    deployment.add('Queue', { ref: 'http://queue', attributes: { Arn: 'arn:queue' } });
    expect(deployment.evaluate([{ Ref: 'Queue' }, { 'Fn::GetAtt': ['Queue', 'Arn'] }])).toEqual([
      'http://queue',
      'arn:queue',
    ]);
  });

  it.each([
    ['a resource that is not there', { Ref: 'Nothing' }, 'Nothing does not exist'],
    ['an attribute that is not there', { 'Fn::GetAtt': ['Queue', 'Url'] }, 'Queue has no Url'],
    ['a variable that means nothing here', '${self:custom.nothing}', 'means nothing on one machine'],
  ])('says so about %s', (_, value, message) => {
    expect(() => deployment.evaluate(value)).toThrow(message);
  });
});
