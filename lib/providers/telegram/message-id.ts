/** Telegram numbers messages within a chat. */
export const telegramMessageId = (chatId: number, messageId: number): string => `${chatId}:${messageId}`;
