//! The plans of the service, side by side.

use leptos::prelude::*;
use wardesk_core::Wardesk;
use wardesk_core::licences::ServerPlan;
use words::Words;

use super::kept;
use crate::ui::{Badge, Table, Tone, size};

/// What each plan allows. Plans that only operators grant are not offered.
pub fn offers(w: Words, wardesk: &Wardesk, present: &ServerPlan) -> impl IntoView + use<> {
    let columns = [
        w.licences_column_plan(),
        w.licences_panels(),
        w.licences_kept(),
        w.licences_files(),
        w.licences_column_servers(),
    ];
    let lines = wardesk
        .plans()
        .all()
        .iter()
        .filter(|plan| !plan.granted || plan.key == present.plan.key)
        .map(|plan| {
            let (name, limits, seats) = (plan.name.clone(), plan.limits, plan.seats);
            let is_present = plan.key == present.plan.key;
            view! {
                <tr>
                    <td data-label=columns[0]>
                        <strong>{name}</strong>
                        {is_present.then(|| view! { " "<Badge label=w.licences_present() tone=Tone::Good/> })}
                    </td>
                    <td data-label=columns[1] class="num">{limits.panels}</td>
                    <td data-label=columns[2]>{kept(w, &limits)}</td>
                    <td data-label=columns[3] class="num">{size(w, limits.storage)}</td>
                    <td data-label=columns[4] class="num">{seats}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="stack-s">
            <h2>{w.licences_plans()}</h2>
            <p class="muted">{w.licences_plans_text()}</p>
            <Table caption=w.licences_plans() columns=columns.map(str::to_owned).to_vec()>{lines}</Table>
            <p class="muted">{w.licences_not_sold()}</p>
        </section>
    }
}
