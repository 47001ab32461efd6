-- migrate:up

-- A partner as the API shows it: how far its switch got. Off, it is enforced once redemption has
-- the versions of all its campaigns.
CREATE VIEW partner_sheets AS
SELECT p.*, CASE
    WHEN p.active THEN 'live'
    WHEN EXISTS (
        SELECT FROM campaigns AS c
        LEFT JOIN applied_versions AS a
            ON a.project_id = c.project_id AND a.kind = 'campaign' AND a.id = c.id
        WHERE c.project_id = p.project_id AND c.partner_id = p.id
            AND coalesce(a.version, 0) < c.version
    ) THEN 'not_enforced'
    ELSE 'disabled'
END AS status
FROM partners AS p;

-- migrate:down
