//! Class tx: publishes and acks that take effect together (AMQP 0-9-1 reference, section 1.9).

use super::{
    Broker,
    channel::{Caller, senseless},
    publish::Origin,
};
use crate::{
    DeliveryTag, Fact, QueueId, ReplyCode,
    refusal::{Outcome, Refusal},
    session::{Mode, Publish, Settlement, Transaction, Unacked},
    wire::Method,
};

impl Broker {
    pub(super) fn tx_class(&mut self, caller: &Caller, method: &Method<'_>) -> Outcome {
        match method {
            Method::TxSelect {} => self.tx_select(caller),
            Method::TxCommit {} => self.tx_commit(caller),
            Method::TxRollback {} => self.tx_rollback(caller),
            _ => Err(senseless()),
        }
    }

    fn tx_select(&mut self, caller: &Caller) -> Outcome {
        let Some(channel) = self.channel_mut(caller.connection, caller.channel) else { return Ok(()) };
        match channel.mode {
            Mode::Plain => channel.mode = Mode::Transaction(Transaction::default()),
            Mode::Transaction(_) => {}
            Mode::Confirm(_) => return refuse("cannot switch from confirm to tx mode"),
        }
        self.reply(caller, false, &Method::TxSelectOk {});
        Ok(())
    }

    /// First the publishes, then the answer, then the acks and what they make room for (RabbitMQ).
    fn tx_commit(&mut self, caller: &Caller) -> Outcome {
        let Transaction { mut publishes, settlements, .. } = self.take_transaction(caller)?;
        if planted!(self.config, CommitFirstOnly) {
            publishes.truncate(1);
        }
        let earlier = self.begin_transaction();
        let taken = self.publish_held(caller, publishes);
        if taken {
            self.reply(caller, false, &Method::TxCommitOk {});
        }
        for (_, unacked, settlement) in settlements {
            self.settle_one((caller.connection, caller.channel), unacked, settlement);
        }
        self.end_transaction(caller.connection, earlier);
        if !taken {
            return refuse("partial tx completion");
        }
        let (connection, channel) = (caller.connection, caller.channel);
        self.events.emit(&caller.vhost, || Fact::Committed { connection, channel });
        Ok(())
    }

    /// `false`: a queue did not take something.
    fn publish_held(&mut self, caller: &Caller, publishes: Vec<Publish>) -> bool {
        let mut taken = true;
        for Publish { message, mandatory, held_back, queues } in publishes {
            let origin = Origin {
                connection: caller.connection,
                channel: caller.channel,
                vhost: caller.vhost.clone(),
                mandatory,
                held_back,
            };
            // A queue that is gone since the publish takes nothing.
            let Some(vhost) = self.vhosts.get(&caller.vhost) else { break };
            let queues: Vec<QueueId> = queues.iter().filter_map(|name| vhost.queue_or_reply(name)).collect();
            taken &= self.complete_publish(&origin, &message, &queues).by_all;
        }
        taken
    }

    /// The publishes are forgotten, and what was acked is unacked as before.
    fn tx_rollback(&mut self, caller: &Caller) -> Outcome {
        let Transaction { publishes, settlements, .. } = self.take_transaction(caller)?;
        let (connection, channel) = (caller.connection, caller.channel);
        let (published, acks) = (publishes.len() as u64, settlements.len() as u64);
        if let Some(channel) = self.channel_mut(connection, channel) {
            channel.unacked.extend(settlements.into_iter().map(|(tag, unacked, _)| (tag, unacked)));
        }
        if planted!(self.config, RollbackPublishes) {
            self.publish_held(caller, publishes);
        }
        self.reply(caller, false, &Method::TxRollbackOk {});
        self.events.emit(&caller.vhost, || Fact::RolledBack {
            connection,
            channel,
            publishes: published,
            acks,
        });
        Ok(())
    }

    fn take_transaction(&mut self, caller: &Caller) -> Outcome<Transaction> {
        let channel = self.channel_mut(caller.connection, caller.channel);
        match channel.map(|channel| &mut channel.mode) {
            Some(Mode::Transaction(transaction)) => {
                let transaction = std::mem::take(transaction);
                self.unfinished_bytes -= transaction.bytes;
                Ok(transaction)
            }
            _ => refuse("channel is not transactional"),
        }
    }
}

impl Transaction {
    /// Holds settlements back until the commit.
    pub(super) fn hold(
        &mut self,
        settled: impl IntoIterator<Item = (DeliveryTag, Unacked)>,
        settlement: Settlement,
    ) {
        self.settlements.extend(settled.into_iter().map(|(tag, unacked)| (tag, unacked, settlement)));
    }
}

fn refuse<T>(text: &str) -> Outcome<T> {
    Err(Refusal::new(ReplyCode::PreconditionFailed, text))
}
