/** What the queue is told: the entry is done with, or is to be shown again after so many seconds. */
export type Handled = { readonly done: true } | { readonly done: false; readonly waitSeconds: number };

export const done: Handled = { done: true };
export const later = (waitSeconds: number): Handled => ({ done: false, waitSeconds });
