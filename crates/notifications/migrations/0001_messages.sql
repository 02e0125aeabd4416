-- The inbox. Words are made when a message is read, in the reader's language: only the template and its arguments are kept.
create table notifications_messages (
  subject_id uuid not null,
  message_id uuid not null,
  template text not null,
  args text not null,
  link text,
  created_at bigint not null,
  read_at bigint,
  primary key (subject_id, message_id)
);
create index notifications_messages_unread on notifications_messages (subject_id) where read_at is null;

-- What goes to a person outside the portal, each way by itself: a way that fails delays nothing else.
create table notifications_deliveries (
  subject_id uuid not null,
  message_id uuid not null,
  channel text not null,
  address text not null,
  title text not null,
  body text not null,
  state text not null,
  attempts bigint not null,
  last_error text,
  provider_id text,
  created_at bigint not null,
  done_at bigint,
  primary key (subject_id, message_id, channel)
);
create index notifications_deliveries_waiting on notifications_deliveries (state, created_at) where state <> 'sent';

-- The demo phone: what would have been sent, by the address that it would have been sent to.
create table notifications_phone (
  message_id uuid not null,
  channel text not null,
  address text not null,
  title text not null,
  body text not null,
  at bigint not null,
  primary key (message_id, channel)
);
create index notifications_phone_address on notifications_phone (address, at);
create index notifications_phone_at on notifications_phone (at);
