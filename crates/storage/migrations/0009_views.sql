-- Whether someone was noted to have read a transcript of late: asked at each page of one.
CREATE INDEX audit_log_by_deed ON audit_log (guild_id, actor_id, action, target, at);
