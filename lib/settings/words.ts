/** What is said to whoever starts it, in each language; which one is chosen where it is printed. Log lines are English. */
export type Words = { readonly en: string; readonly ja: string }
