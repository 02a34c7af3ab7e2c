-- What its caller calls a request for a job: the same name is the same job.
ALTER TABLE lab_job ADD COLUMN once TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX lab_job_once ON lab_job (account, once) WHERE once <> '';
