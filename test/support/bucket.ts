import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';

const client = new S3Client({ endpoint: process.env.AWS_ENDPOINT_URL_S3 ?? '', forcePathStyle: true });
const Bucket = process.env.UPLOADS_BUCKET;

/** Everything that the bucket holds of a tenant, by key, as Latin text. */
export const objectsOf = async (tenant: string): Promise<Map<string, string>> => {
  const objects = new Map<string, string>();
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket })) {
    for (const { Key = '' } of Contents.filter(({ Key: key = '' }) => key.includes(`/${tenant}/`))) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      objects.set(Key, (await Body?.transformToString('latin1')) ?? '');
    }
  }
  return objects;
};
