import { InteractionSchema } from '../lib/contract/interactions.ts';
import { pointersOf, problemOf, read } from './support/answers.ts';
import { sharedUrls } from './support/client.ts';
import { eventOf, eventsOf } from './support/events.ts';
import { ABSENT } from './support/merging.ts';
import { addInteraction, FAR_OFF, LONG_AGO, withInteractions } from './support/interactions.ts';

describe('completing an interaction', () => {
  it('says when it took place and what came of it', async () => {
    const { tenant, path } = await withInteractions();
    const { id } = await addInteraction(tenant.admin, path, { scheduledAt: FAR_OFF, durationMinutes: 30 });
    const body = { outcome: 'Agreed', durationMinutes: 45, completedAt: LONG_AGO };
    const completed = read(await tenant.admin.patch(`${path}/${id}/complete`, body), 200, InteractionSchema);
    expect(completed).toMatchObject({ ...body, status: 'completed', scheduledAt: FAR_OFF, version: 2 });
  });

  it('is now and leaves the rest as it was planned, unless said', async () => {
    const { tenant, path } = await withInteractions();
    const { id } = await addInteraction(tenant.admin, path, { durationMinutes: 30 });
    const before = new Date().toISOString();
    const completed = read(await tenant.admin.patch(`${path}/${id}/complete`), 200, InteractionSchema);
    expect(completed).toMatchObject({ status: 'completed', durationMinutes: 30, outcome: null });
    expect((completed.completedAt ?? '') >= before).toBe(true);
  });

  it('happens once', async () => {
    const { tenant, path } = await withInteractions();
    const { id } = await addInteraction(tenant.admin, path);
    const at = `${path}/${id}`;
    const completed = read(await tenant.admin.patch(`${at}/complete`, { outcome: 'First' }), 200, InteractionSchema);
    const again = { outcome: 'Second' };
    problemOf(await tenant.admin.patch(`${at}/complete`, again), 409, 'interaction.completed');
    problemOf(await tenant.admin.patch(`${at}/complete`, again, { 'if-match': '"1"' }), 409, 'interaction.completed');
    expect(read(await tenant.admin.get(at), 200, InteractionSchema)).toEqual(completed);
  });

  it('is done by one of those who do it at once, and told once', async () => {
    const { tenant, path } = await withInteractions();
    const { id } = await addInteraction(tenant.admin, path, { scheduledAt: LONG_AGO });
    const outcomes = ['One', 'Two', 'Three', 'Four'];
    const answers = await Promise.all(
      outcomes.map((outcome) => tenant.admin.patch(`${path}/${id}/complete`, { outcome })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409]);
    const won = outcomes[answers.findIndex(({ status }) => status === 200)];
    const completed = await eventOf(tenant.id, 'InteractionCompleted', id);
    expect(completed.data).toMatchObject({ outcome: won, status: 'completed' });
    expect(completed.previous).toMatchObject({ status: 'overdue', completedAt: null, outcome: null });
    // What comes last shows that all before it has come.
    await tenant.admin.put(`${path}/${id}`, { subject: 'Called', outcome: won });
    await eventOf(tenant.id, 'InteractionUpdated', id);
    expect((await eventsOf(tenant.id)).filter(({ type }) => type === 'InteractionCompleted')).toHaveLength(1);
  });

  it('cannot be undone, while what came of it can be corrected', async () => {
    const { tenant, path } = await withInteractions();
    const { id } = await addInteraction(tenant.admin, path);
    const at = `${path}/${id}`;
    await tenant.admin.patch(`${at}/complete`, { outcome: 'Agreed' });
    problemOf(await tenant.admin.put(at, { subject: 'A', completedAt: null }), 409, 'interaction.completed');
    const body = { subject: 'A', outcome: 'Refused', completedAt: LONG_AGO };
    const corrected = read(await tenant.admin.put(at, body), 200, InteractionSchema);
    expect(corrected).toMatchObject({ ...body, status: 'completed' });
    const left = read(await tenant.admin.put(at, { subject: 'A' }), 200, InteractionSchema);
    expect(left).toMatchObject({ completedAt: LONG_AGO, outcome: null, status: 'completed' });
  });

  it('can be done by replacing it, and is told as such', async () => {
    const { tenant, path } = await withInteractions();
    const { id } = await addInteraction(tenant.admin, path);
    const body = { subject: 'Called', completedAt: LONG_AGO };
    read(await tenant.admin.put(`${path}/${id}`, body), 200, InteractionSchema);
    expect((await eventOf(tenant.id, 'InteractionCompleted', id)).data).toMatchObject(body);
    problemOf(await tenant.admin.patch(`${path}/${id}/complete`), 409, 'interaction.completed');
  });

  it('is not possible in the future', async () => {
    const { tenant, path } = await withInteractions();
    const { id } = await addInteraction(tenant.admin, path);
    const body = { completedAt: FAR_OFF };
    const answers = [
      await tenant.admin.patch(`${path}/${id}/complete`, body),
      await tenant.admin.put(`${path}/${id}`, { subject: 'A', ...body }),
      await tenant.admin.post(path, { subject: 'A', ...body }),
    ];
    for (const answer of answers) problemOf(answer, 422, 'interaction.future');
  });

  it.each([
    [{ outcome: ' ' }, '/outcome'],
    [{ durationMinutes: 'long' }, '/durationMinutes'],
    [{ completedAt: 'now' }, '/completedAt'],
    [{ subject: 'A' }, '/subject'],
  ])('is refused with %j', async (body, pointer) => {
    const { tenant, path } = await withInteractions();
    const { id } = await addInteraction(tenant.admin, path);
    const answer = await tenant.admin.patch(`${path}/${id}/complete`, body);
    expect(pointersOf(problemOf(answer, 400, 'request.invalid'))).toEqual([pointer]);
    expect(read(await tenant.admin.get(`${path}/${id}`), 200, InteractionSchema).version).toBe(1);
  });

  it('may be asked for by a page of another origin', async () => {
    const { path } = await withInteractions();
    const headers = { origin: 'https://console.example', 'access-control-request-method': 'PATCH' };
    const answer = await fetch(`${sharedUrls().api}${path}/${ABSENT}/complete`, { method: 'OPTIONS', headers });
    expect(answer.headers.get('access-control-allow-methods')).toContain('PATCH');
  });
});
