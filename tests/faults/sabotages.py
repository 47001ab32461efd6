"""Each guarantee broken on purpose, one at a time, and the tests that are to notice."""

from typing import NamedTuple


class Sabotage(NamedTuple):
    """What becomes of one place in the sources; `tests` are what pytest is asked to run."""

    guarantee: str
    file: str
    text: str
    becomes: str
    tests: str


REDEMPTION = "services/redemption/src/redemption"
KIT = "libs/servicekit/src/servicekit"
TESTS = "tests/redemption"

SABOTAGES = {
    "the lock is dropped": Sabotage(
        "no cap is exceeded by two processes",
        f"{REDEMPTION}/store/locks.py",
        "WHERE project_id = p AND campaign_id = c FOR NO KEY UPDATE",
        "WHERE project_id = p AND campaign_id = c",
        f"{TESTS}/test_crashes.py -k three_processes",
    ),
    "what was read is not compared": Sabotage(
        "no cap is exceeded by lone requests, which look without a lock",
        f"{REDEMPTION}/migrations/0001_ledger.sql",
        "WHERE project_id = of_project AND campaign_id = of_campaign AND revision = as_read;",
        "WHERE project_id = of_project AND campaign_id = of_campaign;",
        f"{TESTS}/test_unlocked.py -k last_use",
    ),
    "what is read goes by the terms remembered": Sabotage(
        "a limit holds from the version on that brings it, for who remembers the one before too",
        f"{REDEMPTION}/facts.py",
        "if campaigns != seen or segments.named:",
        "if segments.named:",
        f"{TESTS}/test_unlocked.py -k by_old_terms",
    ),
    "who comes while forecasts are read is left waiting": Sabotage(
        "every validation is answered",
        f"{REDEMPTION}/validate.py",
        "        if project_id in self._waiting:\n",
        "        if not project_id:\n",
        f"{TESTS}/test_validate.py -k while_others_are_read",
    ),
    "a segment changes behind no lock": Sabotage(
        "who has left a segment redeems no more once that is told",
        f"{REDEMPTION}/snapshots.py",
        "found = await segment_store.campaigns_naming(conn, segments) if segments else []\n",
        "found = []\n",
        f"{TESTS}/test_named_segments.py -k in_flight",
    ),
    "a segment in reports changes behind no lock": Sabotage(
        "outcomes tell a segment in reports from the moment on when that is told",
        f"{REDEMPTION}/snapshots.py",
        "            touched += await projects.campaigns_of(conn, reported)\n",
        "            touched += []\n",
        f"{TESTS}/test_reported_segments.py -k begins_and_ends",
    ),
    "a segment is judged after the redemption": Sabotage(
        "outcomes tell what a customer was in before, and not by what is redeemed",
        f"{REDEMPTION}/segments.py",
        "        facts = _with_what_is_sent(request, customer)\n        return tuple(\n",
        "        was_new = customer and customer._replace(is_new=False)\n"
        "        facts = _with_what_is_sent(request, was_new)\n        return tuple(\n",
        f"{TESTS}/test_reported_segments.py -k before_it",
    ),
    "rules of stacking change behind no lock": Sabotage(
        "once other rules are told no codes apply together by the old ones",
        f"{REDEMPTION}/snapshots.py",
        "return found + (await projects.campaigns_of(conn, restacked) if restacked else [])\n",
        "return found\n",
        f"{TESTS}/test_stacks.py -k rules_of_stacking",
    ),
    "what is over when an order is divided is lost": Sabotage(
        "what comes off each line adds up to the discount",
        f"{REDEMPTION}/discounts/shares.py",
        "        shares[i] += 1\n",
        "        shares[i] += 0\n",
        f"{TESTS}/test_lines.py",
    ),
    "nobody looks for refunds that are overdue": Sabotage(
        "what is redeemed on an order after its cancellation comes back",
        f"{REDEMPTION}/streams.py",
        "            background_task(roll_back_for_ever(store, decider)),\n",
        "",
        f"{TESTS}/test_worker.py -k comes_back_by_itself",
    ),
    "the creation of an order takes its payment back": Sabotage(
        "what was paid stays paid until it is cancelled or refunded",
        f"{REDEMPTION}/told.py",
        '    if "CREATED" in {status, known.status} and status != known.status:\n',
        "    if False:\n",
        f"{TESTS}/test_told.py -k created_is_earlier",
    ),
    "the order at hand is one of the past": Sabotage(
        "when a customer paid first and last is told without the order at hand",
        f"{REDEMPTION}/facts.py",
        "if found.orders and (asked_of := purchases.ends_to_find(spending)):\n",
        "if asked_of := set():\n",
        f"{TESTS}/test_named_segments.py -k asleep_still",
    ),
    "a word that is read late is taken for the newest": Sabotage(
        "nothing newer that was said of a customer is overwritten",
        f"{REDEMPTION}/properties.py",
        "if self.said_at.get(n, moment) <= moment}",
        "if True}",
        f"{TESTS}/test_properties.py -k newest",
    ),
    "pages ask about anybody": Sabotage(
        "a page cannot find out who buys here",
        f"{REDEMPTION}/api/strangers.py",
        "forecasts.of(_somebody_new(wanted))",
        "forecasts.of(wanted)",
        f"{TESTS}/api/test_strangers.py -k who_buys_here",
    ),
    "a campaign begins to name a segment behind no lock": Sabotage(
        "who has left a segment redeems no more, nor with a campaign that has just named it",
        f"{REDEMPTION}/store/locks.py",
        "    if names:\n",
        "    if False:\n",
        f"{TESTS}/test_named_segments.py -k first_campaign",
    ),
    "to look a code up is no guess": Sabotage(
        "the limits on wrong codes hold for every door",
        f"{REDEMPTION}/api/uses.py",
        "dependencies.places.give_back(held, refused=wrong)",
        "dependencies.places.give_back(held, refused=False)",
        f"{TESTS}/api/test_guesses.py -k look_up_codes",
    ),
    "an order is told again by its repeat": Sabotage(
        "what was told under a key is told once",
        f"{REDEMPTION}/ordering.py",
        "        if before is None:\n            await _keep(conn, [told])\n",
        "        await _keep(conn, [told])\n",
        f"{TESTS}/api/test_orders.py -k told_once",
    ),
    "an order's gross counts twice": Sabotage(
        "an order counts once, however many requests redeem on it",
        f"{REDEMPTION}/purchases.py",
        "        return max(0, order.amount_minor - counted)\n",
        "        return order.amount_minor\n",
        f"{TESTS}/test_buying.py -k counts_once",
    ),
    "a rollback forgets a claim": Sabotage(
        "what is rolled back can be used again, of every limit",
        f"{REDEMPTION}/giving_back.py",
        "        if counter is not None and amount:\n",
        "        if counter is not None and amount and not each.limit.per:\n",
        f"{TESTS}/test_giving_back.py -k periods",
    ),
    "a rollback does not look for those before it": Sabotage(
        "nothing is given back twice",
        f"{REDEMPTION}/redeem.py",
        "facts.given_back = await rollbacks.given_back(conn, to_give_back)",
        "facts.given_back = {}",
        f"{TESTS}/test_rollbacks.py -k rivals",
    ),
    "what was rolled back is recounted by another day": Sabotage(
        "a limit that appears counts what was given back as well",
        f"{REDEMPTION}/store/ledger.py",
        "coalesce(redeemed_at, at) AS at",
        "at",
        f"{TESTS}/test_rollbacks.py -k appears",
    ),
    "what is not known passes a not": Sabotage(
        "a validation rule is passed by nobody who leaves out what it asks for",
        f"{REDEMPTION}/rules/compiling.py",
        "return None if value is None else not value",
        "return not value",
        f"{TESTS}/rules/test_rules.py -k no_way_round_a_not",
    ),
    "a campaign is read without its rules": Sabotage(
        "a campaign's validation rules hold from their version on",
        f"{REDEMPTION}/store/definitions.py",
        'judge=compile_rules(terms.conditions.rules, clock(r["time_zone"])),',
        "judge=None,",
        f"{TESTS}/rules/test_redeem.py -k holds_from_its_version",
    ),
    "a changed rule publishes nobody": Sabotage(
        "a changed validation rule holds for all campaigns that it is assigned to",
        "services/campaigns/src/campaigns/rules/verbs.py",
        "concerned = await campaigns.bump_version(conn, project_id, rule_id=current.id)",
        "concerned = list[str]()",
        "tests/campaigns/api/test_rules.py -k as_it_is_changed",
    ),
    "offsets are committed first": Sabotage(
        "a request on Kafka is decided, whoever dies",
        f"{REDEMPTION}/handlers.py",
        "    records: Sequence[ConsumerRecord] = message.raw_message\n",
        "    records: Sequence[ConsumerRecord] = message.raw_message\n"
        "    dependencies.commits.note(consumer, records)\n",
        f"{TESTS}/test_worker_stops.py -k killed_before",
    ),
    "nobody looks for an answer already given": Sabotage(
        "the same request gets the same answer",
        f"{REDEMPTION}/redeem.py",
        "given = await answered.responses_to(conn, {request.key for request in requests})",
        "given = {}",
        f"{TESTS}/test_redeem.py -k same_answer_byte_for_byte",
    ),
    "other content passes under a known key": Sabotage(
        "a key names one request for ever",
        f"{REDEMPTION}/redeem.py",
        "same = response.fingerprint == request.fingerprint",
        "same = True",
        f"{TESTS}/test_redeem.py -k other_content",
    ),
    "outcomes leave the outbox before Kafka has them": Sabotage(
        "what was decided reaches Kafka",
        f"{KIT}/postgres/relay.py",
        "    async with conn.transaction():\n        rows = await outbox.claim(",
        "    if True:\n        rows = await outbox.claim(",
        f"{TESTS}/test_relay.py -k killed",
    ),
    "outcomes are written beside the decision": Sabotage(
        "what was not committed never happened",
        f"{REDEMPTION}/redeem.py",
        "additions = [lambda: ledger.rows(entries, decided_at), make_responses, make_messages]",
        "additions = [lambda: ledger.rows(entries, decided_at), make_responses]",
        f"{TESTS}/test_redeem.py -k code_is_redeemed_once",
    ),
    "uses of a campaign are not counted": Sabotage(
        "counters equal the ledger",
        f"{REDEMPTION}/redeem.py",
        "            statements.append(locks.set_used(_used_of(campaigns, facts)))",
        "            _used_of(campaigns, facts)",
        f"{TESTS}/test_decider.py -k three_replicas_give_away",
    ),
    "other limits are not counted": Sabotage(
        "limits of customers, periods and budgets hold",
        f"{REDEMPTION}/redeem.py",
        "        statements.append(counters.set_used(others))",
        "        pass",
        f"{TESTS}/test_decider.py -k three_replicas_keep",
    ),
    "a limit lets one more pass": Sabotage(
        "a limit is the number that it says",
        f"{REDEMPTION}/limits.py",
        "if already + amount > limit:",
        "if already + amount > limit + 1:",
        f"{TESTS}/test_limits.py",
    ),
    "a refused stack keeps what it took": Sabotage(
        "a stack that fails half-way leaves no trace",
        f"{REDEMPTION}/decide.py",
        "    taken: dict[CounterKey, int] = {}\n",
        "    taken: dict[CounterKey, int] = facts.used\n",
        f"{TESTS}/test_stacks.py -k half_way",
    ),
    "switches are applied without the lock": Sabotage(
        "after the answer to a disable nothing is accepted",
        f"{REDEMPTION}/snapshots.py",
        "        await locks.set_versions(conn, newer)\n",
        "        await locks.set_versions(conn, {k: v.model_copy(update={'active': True})"
        " for k, v in newer.items()})\n",
        f"{TESTS}/test_snapshots.py -k once_a_switch",
    ),
    "a switch is reported before it is committed": Sabotage(
        "after the answer to a disable nothing is accepted",
        f"{REDEMPTION}/snapshots.py",
        "    await report(await apply(pool, snapshots))",
        "    await report([_message(s, Applied(kind='campaign', id=s.data.id, version=1))"
        " for s in snapshots if isinstance(s, CampaignChanged)])\n    await apply(pool, snapshots)",
        f"{TESTS}/test_snapshots.py -k is_reported_once_it_is_committed",
    ),
    "an older snapshot wins": Sabotage(
        "repeats and reordering of definitions are harmless",
        f"{REDEMPTION}/snapshots.py",
        "if campaign.version > in_force[key]:",
        "if campaign.version != in_force[key]:",
        f"{TESTS}/test_snapshots.py -k old_snapshot_changes_nothing",
    ),
    "dead letters are forgotten": Sabotage(
        "what has no decision is set aside",
        f"{REDEMPTION}/handlers.py",
        "    await dependencies.dead_letters.send_to_dlq(letters)",
        "    await dependencies.dead_letters.send_to_dlq([])",
        f"{TESTS}/test_worker.py -k set_aside_with_the_reason",
    ),
    "the past is not counted": Sabotage(
        "a limit that appears counts what was redeemed before",
        f"{REDEMPTION}/snapshots.py",
        "            if recount.appeared(campaign.terms, campaign.time_zone, known):",
        "            if False:",
        f"{TESTS}/test_recount.py -k appears_counts_the_past",
    ),
    "a repeat by Kafka gets no answer": Sabotage(
        "who asks for a reply is answered, on a repeat too",
        f"{REDEMPTION}/redeem.py",
        "if with_bodies or request.reply}",
        "if with_bodies}",
        f"{TESTS}/test_answers.py -k answered",
    ),
    "letter case is told where it is not": Sabotage(
        "a code is one however it is typed, by Kafka too",
        f"{REDEMPTION}/handlers.py",
        "    if dependencies.projects.without_letter_case:",
        "    if False:",
        f"{TESTS}/test_requests_set_aside.py -k letter_case",
    ),
    "a stranger is told why": Sabotage(
        "to a stranger every refusal of a code that is not theirs reads the same",
        f"{REDEMPTION}/api/strangers.py",
        'told["key"] not in TOLD',
        "False",
        f"{TESTS}/api/test_strangers.py -k reads_like",
    ),
    "codes that exist are no guesses": Sabotage(
        "whatever is refused to a stranger counts as a guess",
        f"{REDEMPTION}/guesses/places.py",
        "held.of_stranger or self._memory.place_of(code)",
        "self._memory.place_of(code)",
        f"{TESTS}/api/test_strangers.py -k is_a_guess",
    ),
    "limits of rules stay in the rules": Sabotage(
        "a rule that counts is a limit of its campaigns, taken behind their locks",
        "services/campaigns/src/campaigns/model.py",
        "        limits = limited(self.definition.terms.limits, rules)\n",
        "        limits = self.definition.terms.limits\n",
        "tests/campaigns/rules/test_tallies.py",
    ),
    "a code's own end is not judged": Sabotage(
        "a code that was published redeems until its own end, and not after",
        f"{REDEMPTION}/model.py",
        "self.campaign.terms.validity.ends_at, self.voucher.ends_at",
        "self.campaign.terms.validity.ends_at, None",
        f"{TESTS}/test_snapshots.py -k own_end",
    ),
    "a code's own end is not told": Sabotage(
        "redemption is told when a published code ends",
        "services/campaigns/src/campaigns/snapshots.py",
        "            ends_at=voucher.ends_at,\n",
        "",
        "tests/campaigns/api/test_publications.py -k customers_own",
    ),
    "a customer's own code is allotted": Sabotage(
        "a code is a customer's or a partner's, never both",
        "services/campaigns/src/campaigns/shares/given.py",
        "                AND v.publication_id IS NULL\n",
        "",
        "tests/campaigns/api/test_publications.py -k in_no_allotment",
    ),
    "rivals with one source id do not wait": Sabotage(
        "the same source id gives no second code, and the same answer",
        "services/campaigns/src/campaigns/publications/verbs.py",
        "        await store.lock_source(conn, source)\n",
        "",
        "tests/campaigns/api/test_publications.py -k one_source_id",
    ),
    "pieces that are free are chosen again": Sabotage(
        "a discount for some pieces takes off what is left of them",
        f"{REDEMPTION}/discounts/pieces.py",
        "    paid = {n: items[n].quantity - left.free_units[n] for n in lines}\n",
        "    paid = {n: items[n].quantity for n in lines}\n",
        f"{TESTS}/test_pieces.py",
    ),
}
