/** Times as users write them. */

/**
 * A cron line of five fields in UTC, such as `0 2 * * *`, or a word such as `@daily`.
 * @pattern ^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|[0-9A-Za-z/*,?-]+( +[0-9A-Za-z/*,?-]+){4})$
 * @maxLength 64
 */
export type CronLine = string;

/**
 * A span of time, such as `72h`, `30d` or `1h30m`.
 * @pattern ^([0-9]+(s|m|h|d|w))+$
 * @maxLength 16
 */
export type TimeSpan = string;
