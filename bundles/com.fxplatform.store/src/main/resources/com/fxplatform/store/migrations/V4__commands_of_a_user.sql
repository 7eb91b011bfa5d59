-- A user's commands, whichever executor they are for, page by page.
CREATE INDEX commands_of_user ON commands (user_id, created_at);
