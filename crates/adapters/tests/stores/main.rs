//! Both stores of journals, held to one battery of tests; then what only a database can do: leases, tokens, standbys,
//! lost answers, encryption. PostgreSQL is started in a folder of its own; where it is not installed, its tests say so
//! and pass.

mod battery;
mod keyed;
mod lease;
mod lost;
mod server;
mod standby;
mod tls;
mod worlds;

use server::Server;
use worlds::{Files, Schemas};

#[test]
fn sqlite_passes_the_battery() {
    battery::run(&Files::new());
    keyed::run(&Files::new());
}

#[test]
fn postgres_passes_the_battery() {
    let Some(server) = Server::start("postgres_passes_the_battery") else { return };
    battery::run(&Schemas::new(&server));
    battery::database(&Schemas::new(&server));
    keyed::run(&Schemas::new(&server));
}

#[test]
fn a_command_is_carried_out_once_however_its_process_dies() {
    const NAME: &str = "a_command_is_carried_out_once_however_its_process_dies";
    if keyed::is_child() {
        return;
    }
    keyed::killed(&Files::new(), NAME);
    let Some(server) = Server::start(NAME) else { return };
    keyed::killed(&Schemas::new(&server), NAME);
}

#[test]
fn a_lease_makes_one_writer() {
    let Some(server) = Server::start("a_lease_makes_one_writer") else { return };
    lease::run(&Schemas::new(&server));
}

#[test]
fn what_is_acknowledged_survives_and_what_is_not_stops_the_store() {
    let Some(mut server) = Server::start("what_is_acknowledged_survives_and_what_is_not_stops_the_store") else {
        return;
    };
    lost::answers(&Schemas::new(&server));
    lost::half_open(&Schemas::new(&server));
    lost::settings(&Schemas::new(&server));
    lost::killed(&mut server);
}

#[test]
fn a_standby_says_how_far_it_is_behind() {
    let Some(server) = Server::start("a_standby_says_how_far_it_is_behind") else { return };
    standby::run(&server);
}

#[test]
fn a_server_on_a_network_is_known_by_its_certificate() {
    let Some(server) = Server::start("a_server_on_a_network_is_known_by_its_certificate") else { return };
    tls::run(server);
}
