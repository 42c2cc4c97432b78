// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The timeline of a run page: one canvas, drawn from the data that the page carries. Spans that are
// narrower than a pixel are drawn together, so that a million of them stay quick.
#include "report/page.h"

namespace ashlar::report {

const char *const kTimelineScript = R"js(
(()=>{
const D=JSON.parse(document.getElementById('data').textContent);
const box=document.getElementById('timeline'),canvas=box.querySelector('canvas'),
tip=document.getElementById('tip'),g=canvas.getContext('2d');
const LEFT=230,HEAD=26,ROW=18,GROUP=22;
let from=0,to=Math.max(1,D.end),width=0,rows=[],hover=null;
const palette=['#4a8fe0','#52a56a','#e5a54b','#9a7fe0','#d9645f','#37a6b0','#c2609a','#8f9c3a','#a2775a','#6c7fe0'];
const fixed=[[/^running/,'#52a56a'],[/memory|bank/,'#e0b34a'],[/lock/,'#d9645f'],
[/stream|cascade|waits|full|room/,'#b06fd0'],[/^load BD|paused/,'#9aa3b2'],[/^BD /,'#4a8fe0'],[/^words/,'#37a6b0']];
const colour=n=>{for(const[k,c]of fixed)if(k.test(n))return c;
let h=0;for(const c of n)h=(h*31+c.charCodeAt(0))>>>0;return palette[h%palette.length]};
const colours=D.names.map(colour);
const folded=new Set();
function layout(){rows=[];let y=HEAD,tile='';
for(const t of D.tracks){if(t.tile!==tile){tile=t.tile;rows.push({head:tile,y,h:GROUP});y+=GROUP}
if(folded.has(tile))continue;
const h=t.samples?ROW+8:ROW;rows.push({track:t,y,h});y+=h}
return y+6}
function size(){const h=layout(),r=devicePixelRatio||1;width=box.clientWidth;
canvas.style.height=h+'px';canvas.width=width*r;canvas.height=h*r;g.setTransform(r,0,0,r,0,0);draw()}
const X=c=>LEFT+(c-from)/(to-from)*(width-LEFT);
const css=n=>getComputedStyle(document.documentElement).getPropertyValue(n).trim();
function lower(a,step,v){let lo=0,hi=a.length/step;while(lo<hi){const m=(lo+hi)>>1;
if(a[m*step]+(step===3?a[m*step+1]:0)<v)lo=m+1;else hi=m}return lo}
function ticks(){const raw=(to-from)/Math.max(2,(width-LEFT)/110),p=10**Math.floor(Math.log10(raw));
return Math.max(1,[1,2,5,10].map(k=>k*p).find(s=>s>=raw))}
const number=v=>Math.round(v).toString().replace(/\B(?=(\d{3})+$)/g,' ');
function draw(){const ink=css('--ink'),soft=css('--soft'),line=css('--line'),well=css('--well');
g.clearRect(0,0,width,canvas.height);g.font='11px system-ui,"DejaVu Sans",sans-serif';g.textBaseline='middle';
const step=ticks();g.fillStyle=soft;g.strokeStyle=line;g.lineWidth=1;g.textAlign='center';
for(let c=Math.ceil(from/step)*step;c<=to;c+=step){const x=Math.round(X(c))+.5;g.beginPath();
g.moveTo(x,HEAD-6);g.lineTo(x,canvas.height);g.stroke();
if(x<width-30)g.fillText(number(c),Math.max(x,LEFT+14),10)}
g.textAlign='left';g.fillText('cycle',8,10);
for(const r of rows){if(r.head!==undefined){g.fillStyle=ink;g.font='600 12px system-ui,"DejaVu Sans",sans-serif';
g.fillText((folded.has(r.head)?'▸ ':'▾ ')+r.head,8,r.y+r.h/2+2);g.font='11px system-ui,"DejaVu Sans",sans-serif';continue}
const t=r.track;g.fillStyle=soft;g.save();g.beginPath();g.rect(0,r.y,LEFT-8,r.h);g.clip();
g.fillText(t.title,22,r.y+r.h/2);g.restore();
g.fillStyle=well;g.fillRect(LEFT,r.y+1,width-LEFT,r.h-2);
if(t.spans){const a=t.spans;let end=LEFT;
for(let i=lower(a,3,from);i*3<a.length&&a[i*3]<to;i++){
const x0=Math.max(LEFT,X(a[i*3])),x1=Math.min(width,X(a[i*3]+a[i*3+1]));
if(x1<=end+.4)continue;const s=Math.max(x0,end);g.fillStyle=colours[a[i*3+2]];
g.fillRect(s,r.y+2,Math.max(x1-s,.8),r.h-4);end=x1;
if(x1-x0>46){g.save();g.beginPath();g.rect(x0,r.y,x1-x0-4,r.h);g.clip();g.fillStyle='#fff';
g.fillText(D.names[a[i*3+2]],x0+4,r.y+r.h/2);g.restore()}}}
else{const a=t.samples,top=Math.max(1,t.top);g.fillStyle=palette[0];
let i=Math.max(0,lower(a,2,from)-1);
for(;i*2<a.length&&a[i*2]<to;i++){const x0=Math.max(LEFT,X(a[i*2])),
x1=i*2+2<a.length?Math.min(width,X(a[i*2+2])):Math.min(width,X(D.end)),h=(r.h-4)*a[i*2+1]/top;
if(x1<LEFT)continue;
g.fillRect(x0,r.y+r.h-2-h,Math.max(x1-x0-.3,.5),h)}}}
}
function at(e){const b=canvas.getBoundingClientRect();return{x:e.clientX-b.left,y:e.clientY-b.top}}
function set(a,b){const w=Math.min(Math.max(b-a,10),D.end*1.02);
a=Math.max(-D.end*.01,Math.min(a,D.end*1.01-w));from=a;to=a+w;draw()}
canvas.addEventListener('wheel',e=>{if(!(e.ctrlKey||e.metaKey||e.shiftKey||e.altKey)&&Math.abs(e.deltaX)<Math.abs(e.deltaY)||e.ctrlKey){
e.preventDefault();const p=at(e),c=from+(Math.max(p.x,LEFT)-LEFT)/(width-LEFT)*(to-from),
k=Math.exp(e.deltaY*.0015);set(c-(c-from)*k,c+(to-c)*k)}
else{e.preventDefault();const d=(e.deltaX||e.deltaY)/(width-LEFT)*(to-from);set(from+d,to+d)}},{passive:false});
let drag=null;
canvas.addEventListener('pointerdown',e=>{const p=at(e);drag={x:p.x,from,to,moved:false};canvas.setPointerCapture(e.pointerId)});
canvas.addEventListener('pointermove',e=>{const p=at(e);
if(drag){if(Math.abs(p.x-drag.x)>3)drag.moved=true;const d=(p.x-drag.x)/(width-LEFT)*(drag.to-drag.from);
set(drag.from-d,drag.to-d);return}
tip.style.display='none';const r=rows.find(r=>r.track&&p.y>=r.y&&p.y<r.y+r.h);if(!r||p.x<LEFT)return;
const c=from+(p.x-LEFT)/(width-LEFT)*(to-from),t=r.track;let s='';
if(t.spans){const a=t.spans,i=lower(a,3,c),k=(to-from)/(width-LEFT);
if(i*3<a.length&&a[i*3]<=c+k)s=D.names[a[i*3+2]]+'\n'+number(a[i*3])+' to '+number(a[i*3]+a[i*3+1])+': '+number(a[i*3+1])+' cycles'}
else{const a=t.samples;let i=lower(a,2,c+1)-1;if(i>=0)s=t.title+' = '+a[i*2+1]}
if(!s)return;tip.textContent=t.title+'\n'+s;tip.style.display='block';
tip.style.left=Math.min(p.x+14,width-tip.offsetWidth-4)+'px';tip.style.top=(p.y+14)+'px'});
canvas.addEventListener('pointerup',e=>{const p=at(e);if(drag&&!drag.moved){const r=rows.find(r=>r.head!==undefined&&p.y>=r.y&&p.y<r.y+r.h);
if(r){folded.has(r.head)?folded.delete(r.head):folded.add(r.head);size()}}drag=null});
canvas.addEventListener('pointerleave',()=>{tip.style.display='none'});
canvas.addEventListener('dblclick',()=>set(0,D.end));
box.tabIndex=0;
box.addEventListener('keydown',e=>{const w=to-from,m=(from+to)/2;
if(e.key==='w'||e.key==='+')set(m-w/3,m+w/3);else if(e.key==='s'||e.key==='-')set(m-w*.75,m+w*.75);
else if(e.key==='a'||e.key==='ArrowLeft')set(from-w/5,to-w/5);else if(e.key==='d'||e.key==='ArrowRight')set(from+w/5,to+w/5);
else if(e.key==='0')set(0,D.end);else return;e.preventDefault()});
addEventListener('resize',size);matchMedia('(prefers-color-scheme:dark)').addEventListener('change',draw);
size();box.dataset.ready=rows.length;
})()
)js";

} // namespace ashlar::report
