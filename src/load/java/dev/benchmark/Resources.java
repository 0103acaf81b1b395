package dev.benchmark;

import java.sql.SQLException;
import java.time.Duration;

/**
 * The resources that have been used so far.
 *
 * @param application processor time, in seconds, as the next two
 * @param wal bytes written ahead
 * @param tables bytes of all tables and their indexes
 * @param fsyncSeconds how long PostgreSQL waited for the disk
 * @param transfers that went through group commit
 * @param batches transactions that they shared
 */
record Resources(
    double application,
    double postgres,
    double generator,
    double wal,
    double tables,
    double fsyncs,
    double fsyncSeconds,
    double transfers,
    double batches) {

  static Resources used(Database database, Application application) throws SQLException {
    return new Resources(
        application.cpu(),
        database.cpu(),
        seconds(ProcessHandle.current()),
        database.number("postgres", "select pg_current_wal_lsn() - '0/0'::pg_lsn"),
        database.number(
            "evenkeel",
            """
            select sum(pg_total_relation_size(oid)) from pg_class
            where relkind = 'r' and relnamespace::regnamespace::text in ('accounts', 'notifications', 'shared')
            """),
        database.number("postgres", "select sum(fsyncs) from pg_stat_io where object = 'wal'"),
        database.number(
            "postgres", "select sum(fsync_time) / 1000 from pg_stat_io where object = 'wal'"),
        application.metric("evenkeel_ledger_batch_size_sum"),
        application.metric("evenkeel_ledger_batch_size_count"));
  }

  static double seconds(ProcessHandle process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
  }

  Resources since(Resources before) {
    return new Resources(
        application - before.application,
        postgres - before.postgres,
        generator - before.generator,
        wal - before.wal,
        tables - before.tables,
        fsyncs - before.fsyncs,
        fsyncSeconds - before.fsyncSeconds,
        transfers - before.transfers,
        batches - before.batches);
  }

  void tell(Report report, String what, double seconds) {
    report.say(
        "%s: processors used by the application %.2f, by PostgreSQL %.2f, by the load generator %.2f; "
            + "%.1f transfers per commit; waiting for the disk %.0f %% of the time, %.1f ms each; "
            + "per transfer %,.0f bytes of WAL, %,.0f bytes of tables and indexes",
        what,
        application / seconds,
        postgres / seconds,
        generator / seconds,
        transfers / batches,
        100 * fsyncSeconds / seconds,
        1000 * fsyncSeconds / fsyncs,
        wal / transfers,
        tables / transfers);
  }
}
