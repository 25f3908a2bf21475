//! No record, no access.

use std::sync::atomic::Ordering;

use locum_domain::Event;
use locum_domain::access::{AdmittedBy, Outcome};
use locum_domain::catalog::RecordTiming;
use locum_gateway::Limits;

use crate::world::{World, eventually, session};

#[tokio::test]
async fn r22_a_request_reaches_the_application_after_its_record_is_durable() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    world.kept.is_slow.store(true, Ordering::SeqCst);
    assert_eq!(world.get("/invoices/7", &cookie, &[]).await.status, 200);
    let completed = world.completed(1).await;
    assert_eq!(
        *world.log.lock().unwrap(),
        [
            "record access-admitted",
            "application GET /invoices/7",
            "record access-completed"
        ]
    );
    let admitted = match &world.records("access-admitted")[0] {
        Event::AccessAdmitted(admitted) => admitted.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(admitted.object.as_deref(), Some("invoice:7"));
    assert_eq!(admitted.operation.as_str(), "invoice.read");
    assert!(admitted.assertion.is_some());
    assert_eq!(completed[0].record, admitted.record);
    assert_eq!(completed[0].outcome, Outcome::Answered);
    assert_eq!(completed[0].status, Some(200));
    assert_eq!(completed[0].bytes_out, 5);
}

#[tokio::test]
async fn r23_two_records_say_who_did_what_to_whom_by_which_rule_and_how_it_went() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    assert_eq!(world.get("/invoices/7?q=1", &cookie, &[]).await.status, 200);
    let completed = world.completed(1).await.remove(0);
    let Event::AccessAdmitted(admitted) = world.records("access-admitted").remove(0) else {
        panic!("not admitted");
    };
    let session = session(1, &["billing"]);
    assert_eq!(admitted.txn, session.event);
    assert_eq!(admitted.actor, session.actor);
    assert_eq!(admitted.subject, "kim@customer.example");
    assert_eq!(admitted.rule, AdmittedBy::Grant);
    assert_eq!(&*admitted.template, "/invoices/*");
    assert_eq!(admitted.path, "/invoices/7");
    let upstream = format!("http://{}", world.application.address);
    assert_eq!(completed.upstream.as_deref(), Some(upstream.as_str()));
    assert!(completed.duration_us > 0 && completed.duration_us < 60_000_000);
    assert_eq!(world.get("/no-such", &cookie, &[]).await.status, 403);
    assert_eq!(world.get("/reset/7f3kQ", &cookie, &[]).await.status, 403);
    let refused: Vec<_> = world
        .records("access-refused")
        .into_iter()
        .map(|it| match it {
            Event::AccessRefused(it) => it,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(refused[0].txn, session.event);
    assert_eq!(refused[0].subject.as_deref(), Some("kim@customer.example"));
    assert_eq!(refused[0].template, None);
    assert_eq!(refused[1].path, "/reset/[redacted]");
}

#[tokio::test]
async fn r22_without_a_record_nothing_is_forwarded() {
    for timing in [
        RecordTiming::Before,
        RecordTiming::With,
        RecordTiming::After,
    ] {
        let world = World::with(Limits::default(), timing).await;
        let cookie = world.cookie("billing").await;
        world.kept.is_broken.store(true, Ordering::SeqCst);
        let reply = world.get("/invoices", &cookie, &[]).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (503, "recorder-unavailable")
        );
        if timing != RecordTiming::With {
            assert_eq!(world.application.seen(), 0);
        }
        assert!(world.records("access-completed").is_empty());
        world.kept.is_broken.store(false, Ordering::SeqCst);
        assert_eq!(world.get("/invoices", &cookie, &[]).await.status, 200);
    }
}

#[tokio::test]
async fn r22_recorded_with_means_no_answer_before_the_record() {
    let world = World::with(Limits::default(), RecordTiming::With).await;
    let cookie = world.cookie("billing").await;
    world.kept.is_slow.store(true, Ordering::SeqCst);
    assert_eq!(world.get("/invoices", &cookie, &[]).await.status, 200);
    let log = world.log.lock().unwrap().clone();
    assert_eq!(
        log[..2],
        ["application GET /invoices", "record access-admitted"]
    );
}

#[tokio::test]
async fn r22_a_body_is_counted_both_ways() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let text = crate::client::request(
        "POST",
        "/upload",
        &world.host("billing"),
        &[("Cookie", &cookie)],
        "0123456789",
    );
    let reply = crate::client::parse(
        &crate::client::raw(world.door, text.as_bytes())
            .await
            .unwrap(),
    );
    assert_eq!(reply.text(), "got it");
    let completed = world.completed(1).await;
    assert_eq!((completed[0].bytes_in, completed[0].bytes_out), (10, 6));
}

#[tokio::test]
async fn r22_an_application_that_is_not_there_is_a_502_and_recorded_as_failed() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    world.install("http://127.0.0.1:1");
    let reply = world.get("/invoices", &cookie, &[]).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (502, "upstream-unreachable")
    );
    let completed = world.completed(1).await;
    assert_eq!(
        (completed[0].outcome, completed[0].status),
        (Outcome::Failed, Some(502))
    );
}

/// What the kernel says when a program is killed in the middle.
fn reset(socket: tokio::net::TcpStream) {
    let linger = Some(std::time::Duration::ZERO);
    socket2::SockRef::from(&socket).set_linger(linger).unwrap();
}

#[tokio::test]
async fn r22_a_client_that_is_gone_leaves_an_abandoned_record() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let text = crate::client::request(
        "GET",
        "/wait",
        &world.host("billing"),
        &[("Cookie", &cookie)],
        "",
    );
    let mut socket = tokio::net::TcpStream::connect(world.door).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut socket, text.as_bytes())
        .await
        .unwrap();
    eventually(|| world.application.seen() == 1).await;
    reset(socket);
    assert_eq!(world.outcome().await, Outcome::Abandoned);
    eventually(|| world.application.aborted.load(Ordering::SeqCst) == 1).await;
    assert_eq!(world.gateway.live()[0].in_flight, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r22_the_nodes_recorder_keeps_what_the_gateway_says() {
    let folder = tempfile::tempdir().unwrap();
    let options = locum_record::RecorderOptions {
        segment_bytes: 1 << 20,
        ..Default::default()
    };
    let (recorder, _) = locum_record::Recorder::open(folder.path(), None, options).unwrap();
    let recorder = std::sync::Arc::new(recorder);
    let world = World::build(
        Limits::default(),
        RecordTiming::Before,
        Some(recorder.clone()),
    )
    .await;
    let cookie = world.cookie("billing").await;
    let all = (0..100).map(|_| world.get("/invoices/7", &cookie, &[]));
    let replies = futures_util::future::join_all(all).await;
    assert!(replies.iter().all(|it| it.status == 200));
    eventually(|| recorder.peek(1000).len() == 200).await;
    let mut open = std::collections::HashSet::new();
    for taken in recorder.peek(1000) {
        let happened: locum_domain::Happened = serde_json::from_slice(&taken.bytes).unwrap();
        match happened.event {
            Event::AccessAdmitted(admitted) => assert!(open.insert(admitted.record)),
            Event::AccessCompleted(completed) => assert!(open.remove(&completed.record)),
            other => panic!("{other:?}"),
        }
    }
    assert!(open.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r22_a_gateway_that_stops_lets_finish_what_finishes_soon() {
    let mut world = World::new().await;
    let cookie = world.cookie("billing").await;
    world.kept.is_slow.store(true, Ordering::SeqCst);
    let asking = world.get("/invoices", &cookie, &[]);
    let stopping = async {
        eventually(|| world.gateway.live()[0].in_flight == 1).await;
        world.stop.send(true).unwrap();
    };
    let (reply, ()) = futures_util::future::join(asking, stopping).await;
    assert_eq!(reply.status, 200);
    assert_eq!(world.outcome().await, Outcome::Answered);
    for served in std::mem::take(&mut world.served) {
        served.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r22_a_gateway_that_stops_cuts_what_does_not_finish_and_says_so() {
    let mut world = World::new().await;
    let cookie = world.cookie("billing").await;
    let text = crate::client::request(
        "GET",
        "/drip",
        &world.host("billing"),
        &[("Cookie", &cookie)],
        "",
    );
    let mut socket = tokio::net::TcpStream::connect(world.door).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut socket, text.as_bytes())
        .await
        .unwrap();
    eventually(|| world.application.seen() == 1).await;
    world.stop.send(true).unwrap();
    let reading = tokio::spawn(async move {
        let mut all = Vec::new();
        tokio::io::AsyncReadExt::read_to_end(&mut socket, &mut all).await
    });
    for served in std::mem::take(&mut world.served) {
        served.await.unwrap();
    }
    let broken = reading.await.unwrap().unwrap_err();
    assert_eq!(broken.kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(world.outcome().await, Outcome::Cut);
    assert!(tokio::net::TcpStream::connect(world.door).await.is_err());
}
