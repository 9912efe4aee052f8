import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';

/** Lambda's and the SDK's types of an attribute value are the same thing by two names. */
const ImageSchema = z.record(
  z.string(),
  z.custom<AttributeValue>((value) => typeof value === 'object' && value !== null),
);

/** The item that a stream record's image shows. */
export const itemOfImage = (image: unknown): unknown => unmarshall(ImageSchema.parse(image));
