/** The part of node-marketo-rest that is used here; the package ships no types. */
declare module "node-marketo-rest" {
  export interface Envelope {
    readonly success: boolean;
    readonly requestId: string;
    readonly result: readonly Record<string, unknown>[];
    readonly nextPageToken?: string;
    readonly moreResult?: boolean;
  }
  export interface Options {
    readonly endpoint: string;
    readonly identity: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly retry?: {
      readonly maxRetries?: number;
      readonly initialDelay?: number;
      readonly maxDelay?: number;
    };
  }
  export default class Marketo {
    constructor(options: Options);
    readonly activities: { getActivityTypes(): Promise<Envelope> };
    readonly lead: {
      byId(id: number): Promise<Envelope>;
      find(filterType: string, filterValues: readonly (string | number)[], options?: object): Promise<Envelope>;
      describe(): Promise<Envelope>;
      partitions(): Promise<Envelope>;
      getPageToken(sinceDatetime: string): Promise<Envelope>;
      getActivities(leads: readonly number[], types: readonly number[], pageToken: string): Promise<Envelope>;
      getChanges(pageToken: string, options: object): Promise<Envelope>;
    };
    readonly list: { find(options: object): Promise<Envelope>; getLeads(listId: number): Promise<Envelope> };
    readonly campaign: {
      getCampaigns(options?: object): Promise<Envelope>;
      getSmartCampaigns(options?: object): Promise<Envelope>;
    };
    readonly email: { getEmails(options?: object): Promise<Envelope> };
    readonly smartList: { find(options?: object): Promise<Envelope>; byId(id: number): Promise<Envelope> };
    readonly stats: Readonly<
      Record<"usage" | "usageLast7Days" | "errors" | "errorsLast7Days", () => Promise<Envelope>>
    >;
    readonly bulkActivityExtract: {
      create(filter: object, options?: object): Promise<Envelope>;
      enqueue(exportId: string): Promise<Envelope>;
      status(exportId: string): Promise<Envelope>;
      cancel(exportId: string): Promise<Envelope>;
      file(exportId: string): Promise<string>;
    };
    /** What all of its calls go through. */
    readonly _connection: {
      get(path: string, options: { readonly query?: object; readonly data?: object }): Promise<Envelope>;
      _tokenData: { readonly access_token: string } | null;
    };
    getOAuthToken(): Promise<{ readonly access_token: string; readonly expires_in: number }>;
  }
}
