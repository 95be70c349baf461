export type Reservation = Readonly<{ ticketId: string; applicationId: string }>;
