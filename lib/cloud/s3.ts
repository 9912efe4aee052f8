import { S3Client } from '@aws-sdk/client-s3';

const endpoint = process.env.AWS_ENDPOINT_URL_S3;

export const s3 = new S3Client({
  ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
  // What is signed for a provider or a browser must not ask of them what only the SDK does.
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
});
