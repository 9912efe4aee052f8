import { pageOf } from '../../lib/contract/route.ts';
import { SegmentMemberSchema, SegmentSchema, type Segment } from '../../lib/contract/segments.ts';
import { read } from './answers.ts';
import { eventually, type Api } from './client.ts';

export const SegmentsSchema = pageOf(SegmentSchema);
const MembersSchema = pageOf(SegmentMemberSchema);

/** A condition on tags. */
export const withTags = (operator: string, ...tags: string[]) => ({ field: 'tags', operator, tags });

let named = 0;

/** A segment that was just added; its members are being found. */
export const addSegment = async (admin: Api, all: readonly unknown[] = []): Promise<Segment> => {
  named += 1;
  return read(await admin.post('/crm/segments', { name: `Segment ${named}`, filter: { all } }), 201, SegmentSchema);
};

export const readSegment = async (reader: Api, id: string): Promise<Segment> =>
  read(await reader.get(`/crm/segments/${id}`), 200, SegmentSchema);

/** The segment as soon as it is built. */
export const built = (reader: Api, { id }: Segment): Promise<Segment> =>
  eventually(async () => {
    const segment = await readSegment(reader, id);
    expect(segment.status).toBe('ready');
    return segment;
  }, 20_000);

export const membersOf = async (reader: Api, { id }: Segment): Promise<string[]> =>
  read(await reader.get(`/crm/segments/${id}/clients`), 200, MembersSchema).items.map((member) => member.id);

/** The segment has these members and counts them, sooner or later. */
export const hasMembers = (reader: Api, segment: Segment, ids: readonly string[]): Promise<void> =>
  eventually(async () => {
    expect((await membersOf(reader, segment)).toSorted()).toEqual([...ids].sort());
    expect((await readSegment(reader, segment.id)).memberCount).toBe(ids.length);
  });
